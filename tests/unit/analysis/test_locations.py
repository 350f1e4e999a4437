import pytest

from analysis.domain.locations import LocationRefused, parse_location, with_userinfo


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://git.example.org/shop/cart.git", "cart"),
        ("http://git.example.org:8080/shop/cart/", "cart"),
        ("ssh://git@git.example.org:2222/shop/cart", "cart"),
        ("git://git.example.org/cart.git", "cart"),
        ("HTTPS://git.example.org/cart", "cart"),
        ("git@git.example.org:shop/cart.git", "cart"),
        ("git.example.org:cart", "cart"),
        ("git@[2001:db8::1]:shop/cart.git", "cart"),
        ("https://[2001:db8::1]/shop/cart.git", "cart"),
        ("https://git.example.org/a%20b.git", "a b"),
    ],
)
def test_remote_addresses(text: str, name: str) -> None:
    location = parse_location(text)
    assert (location.kind, location.url, location.name) == ("remote", text, name)


@pytest.mark.parametrize(
    ("text", "path", "name"),
    [
        ("/srv/git/cart.git", "/srv/git/cart.git", "cart"),
        ("  /srv/git/cart/  ", "/srv/git/cart", "cart"),
        ("/srv/git/cart/.git", "/srv/git/cart/.git", "cart"),
        ("file:///srv/git/my%20cart", "/srv/git/my cart", "my cart"),
        ("file://localhost/srv/cart", "/srv/cart", "cart"),
        ("~/code/cart", "/home/ann/code/cart", "cart"),
        ("cart", "/base/cart", "cart"),
        ("../cart", "/cart", "cart"),
        ("./-cart", "/base/-cart", "-cart"),
        ("./host:path", "/base/host:path", "host:path"),
        ("/srv/a:b", "/srv/a:b", "a:b"),
        ("/srv/naïve dir", "/srv/naïve dir", "naïve dir"),
        ("//srv//cart", "/srv/cart", "cart"),
        ("/", "/", "root"),
    ],
)
def test_local_paths(text: str, path: str, name: str) -> None:
    location = parse_location(text, base="/base", home="/home/ann")
    assert (location.kind, location.url, location.name) == ("local", path, name)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("ext::sh -c 'touch /tmp/owned'", "may run programs"),
        ("EXT::sh", "may run programs"),
        ("fd::7", "may run programs"),
        ("--upload-pack=touch /tmp/owned", "hyphen"),
        ("-x", "hyphen"),
        ("https://git.example.org/a\nb", "control"),
        ("/srv/a\0b", "control"),
        ("/srv/a\x1b[2J", "control"),
        ("ftp://git.example.org/cart", "not accepted"),
        ("rsync://git.example.org/cart", "not accepted"),
        ("javascript://git.example.org/cart", "not accepted"),
        ("ssh://-oProxyCommand=touch%20x/cart", "host name"),
        ("-oProxyCommand=x:cart", "hyphen"),
        ("git@-oProxyCommand=x:cart", "host name"),
        ("ssh://-x@git.example.org/cart", "hyphen"),
        ("https:///cart", "host name"),
        ("https://git.example.org", "names a host but no repository"),
        ("https://git.example.org/", "names a host but no repository"),
        ("https://git.example.org:99999/cart", "wrong host or port"),
        ("https://[::1/cart", "wrong host or port"),
        ("https://git.example.org/my cart", "space"),
        ("git@git.example.org:", "no repository"),
        ("git@git.example.org:-cart", "no repository"),
        ("file://git.example.org/cart", "three slashes"),
        ("file:///srv/a%0ab", "control"),
        ("~bob/cart", "Another user's home"),
    ],
)
def test_refused(text: str, reason: str) -> None:
    with pytest.raises(LocationRefused, match=reason) as refusal:
        parse_location(text, base="/base", home="/home/ann")
    assert str(refusal.value).count(". ") == 0
    assert str(refusal.value).endswith(".")


def test_relative_paths_need_a_base() -> None:
    for text in ("cart", "~/cart"):
        with pytest.raises(LocationRefused, match="from the root"):
            parse_location(text)


@pytest.mark.parametrize(
    ("text", "shown", "secrets"),
    [
        ("https://ann:s3cret@h.org/a", "https://ann:***@h.org/a", {"s3cret"}),
        ("https://ann:p%40ss@h.org/a", "https://ann:***@h.org/a", {"p%40ss", "p@ss"}),
        ("https://token@h.org/a", "https://***@h.org/a", {"token"}),
        ("ssh://git@h.org/a", "ssh://git@h.org/a", set()),
        ("ssh://git:s3cret@h.org:22/a", "ssh://git:***@h.org:22/a", {"s3cret"}),
        ("git@h.org:a", "git@h.org:a", set()),
        ("https://h.org/a", "https://h.org/a", set()),
        ("/srv/ann:x@y", "/srv/ann:x@y", set()),
    ],
)
def test_secrets_are_masked(text: str, shown: str, secrets: set[str]) -> None:
    location = parse_location(text)
    assert location.redacted == shown
    assert set(location.secrets) == secrets


@pytest.mark.parametrize(
    ("text", "bare", "userinfo"),
    [
        ("https://jane:s3cret@h.org/a.git", "https://h.org/a.git", "jane:s3cret"),
        ("https://token@h.org:8443/a", "https://h.org:8443/a", "token"),
        ("ssh://git:pw@h.org/a", "ssh://git@h.org/a", "git:pw"),
        ("ssh://git@h.org/a", "ssh://git@h.org/a", ""),
        ("git@h.org:a", "git@h.org:a", ""),
        ("/srv/a.git", "/srv/a.git", ""),
    ],
)
def test_a_secret_is_kept_apart_and_put_back(text: str, bare: str, userinfo: str) -> None:
    place = parse_location(text)
    assert (place.bare_url, place.userinfo) == (bare, userinfo)
    assert with_userinfo(bare, userinfo) == place.url
