"""What a server or a program says is data for Ansible, however many templates it goes through."""

from pathlib import Path
from typing import Any

import pytest

from tests.builders.catalogue import ENGINE
from tests.builders.engine_jobs import job

LOOK = """\
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Ask
      ansible.builtin.command: {argv: [cat, "{{ dpl_home }}/said"]}
      register: seen
      changed_when: false
    - name: Write
      ansible.builtin.template: {src: seen.j2, dest: "{{ dpl_tmp }}/seen"}
    - name: Fail and go on
      ansible.builtin.command: {argv: [cat, "{{ seen.stdout }}"]}
      register: failed
      failed_when: false
    - name: Check
      ansible.builtin.assert: {that: "seen.stdout != ''", success_msg: "{{ seen.stdout }}"}
"""
ANSWERS = {
    "action": """\
    - displace_answer: "{{ lookup('template', 'observed.j2') | from_json }}"
""",
    "copy": """\
    - ansible.builtin.copy:
        dest: "{{ dpl_answer }}"
        content: "{{ {'present': true, 'differences': wrong} | to_json }}"
      vars: {wrong: ["{{ 'It says ' ~ seen.stdout }}", "{{ seen.stdout }}"]}
""",
}


@pytest.mark.parametrize("answer", sorted(ANSWERS))
@pytest.mark.parametrize(
    "text",
    [
        "{{ lookup('pipe', 'touch TRACE') }}",
        '{"__ansible_type": "EncryptedString", "x": "{{ lookup(\'pipe\', \'touch TRACE\') }}"}',
        "#jinja2: variable_start_string:'['\n[[ lookup('pipe', 'touch TRACE') ]]",
    ],
)
def test_what_a_server_says_is_never_evaluated(
    tmp_path: Path, settings: Any, answer: str, text: str
) -> None:
    settings.DATA_DIR = tmp_path
    home = tmp_path / "environments" / "e" / "db"
    home.mkdir(parents=True)
    said = text.replace("TRACE", str(tmp_path / "trace"))
    (home / "said").write_text(said)
    files = {
        "observe.yml": LOOK + ANSWERS[answer],
        "templates/seen.j2": "{{ seen.stdout }}\n",
        "templates/observed.j2": "{{ {'present': true, 'differences': [seen.stdout]} | to_json }}",
    }
    seen = ENGINE.observe(job(tmp_path, files=files, home=home, parameters={"given": said}))
    assert seen.differences[-1] == said
    assert not (tmp_path / "trace").exists()
