"""Signing in and out, and the API tokens of the person who is signed in."""

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import selectors, services
from accounts.domain.roles import Role
from accounts.models import User
from accounts.web.access import require_role
from accounts.web.forms import SignInForm, TokenForm
from common import clock
from common.errors import NotFound, Refused

PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 - a class, no secret


class SignIn(LoginView):
    form_class = SignInForm
    template_name = "accounts/sign_in.html"
    redirect_authenticated_user = True


# In the session: when it began with a one-use link (seconds since the epoch), and how long that
# stands for the old password.
LINK_USED_AT = "link_used_at"
LINK_PROVES_SECONDS = 15 * 60


class SignOut(LogoutView):
    """By POST only, so that a picture on another site cannot sign anybody out."""


def _came_by_link(request: HttpRequest) -> bool:
    """Whether this session began with a one-use link a moment ago: it proves who asks."""
    used_at = request.session.get(LINK_USED_AT)
    return used_at is not None and clock.now().timestamp() - used_at < LINK_PROVES_SECONDS


class PasswordChange(PasswordChangeView):
    """Change the password, or set one after signing in by link: the first, or a forgotten one."""

    template_name = "accounts/password_change.html"
    success_url = reverse_lazy("accounts:tokens")

    # The base class promises a form that asks for the old password; there may be none yet.
    def get_form_class(self) -> "type[SetPasswordForm[User]]":  # type: ignore[override]  # wider than promised
        user = require_role(self.request, Role.VIEWER)
        knows_it = user.has_usable_password() and not _came_by_link(self.request)
        return PasswordChangeForm if knows_it else SetPasswordForm

    def form_valid(self, form: object) -> HttpResponse:
        self.request.session.pop(LINK_USED_AT, None)
        is_first = not require_role(self.request, Role.VIEWER).has_usable_password()
        response = super().form_valid(form)  # type: ignore[arg-type]  # the form that this view made
        said = "Your password is set." if is_first else "Your password has been changed."
        messages.success(self.request, said)
        return redirect("/") if is_first else response


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Show a button, and sign in when it is pressed.

    Opening the address changes nothing: mail scanners and chat previews open every link.
    """
    if request.method != "POST":
        link = selectors.live_sign_in_link(secret)
        status = 200 if link is not None else 410
        return render(request, "accounts/sign_in_link.html", {"link": link}, status=status)
    try:
        user = services.sign_in_link_redeem(secret=secret)
    except Refused as refusal:
        context = {"link": None, "refusal": refusal.message}
        return render(request, "accounts/sign_in_link.html", context, status=410)
    login(request, user, backend=PASSWORD_BACKEND)
    request.session[LINK_USED_AT] = clock.now().timestamp()
    # Links that an admin hands out from the People page lead to the form for a password.
    wants_password = "password" in request.GET and not user.has_usable_password()
    return redirect("accounts:password_change" if wants_password else "/")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponseBase:
    """List the person's own tokens and make new ones; a new secret is shown this once."""
    user = require_role(request, Role.VIEWER)
    form = TokenForm(request.POST if request.method == "POST" else None)
    issued = None
    if form.is_bound and form.is_valid():
        try:
            issued = form.issue(user)
        except Refused as refusal:
            form.add_error("name", refusal.message)
        else:
            form = TokenForm()
    context = {"form": form, "issued": issued, "tokens": selectors.tokens_of(user)}
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@require_POST
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    user = require_role(request, Role.VIEWER)
    try:
        services.token_revoke(user=user, token_id=token_id)
    except NotFound as error:
        raise Http404(error.message) from None
    messages.success(request, "The token has been revoked.")
    return redirect("accounts:tokens")
