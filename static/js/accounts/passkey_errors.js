/* Says in words why a passkey or security key did not work; allauth's scripts report only to the console. */

const NOTICE = "passkey-error";

function sentence(error) {
  if (!window.isSecureContext) {
    return gettext("Passkeys need HTTPS, or the address http://localhost. Open the site by such an address.");
  }
  if (error?.name === "SecurityError") {
    return gettext("Passkeys don't work at this address. Open the site by its name instead of its number.");
  }
  if (error?.name === "InvalidStateError") {
    return gettext("This key is registered already.");
  }
  return gettext("The key was not used: it was cancelled, took too long, or does not fit. Try again.");
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const notice = document.getElementById(NOTICE) ?? document.createElement("p");
  notice.id = NOTICE;
  notice.className = "notice error";
  notice.setAttribute("role", "alert");
  notice.textContent = sentence(event.detail.exception);
  document.getElementById("content").prepend(notice);
});
