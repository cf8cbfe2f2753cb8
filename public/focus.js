// Puts the focus where the news is, before (and without) WebAssembly: on the error summary, else on a
// banner that tells what was just done. Neither can have the focus by itself, so it is made focusable
// until the focus leaves. The only other script of Lanyard.
(function () {
  "use strict";

  function focusNews() {
    var news =
      document.querySelector(".nhsuk-error-summary") ||
      document.querySelector('.nhsuk-notification-banner[role="alert"]');
    if (!news) {
      return;
    }
    if (!news.hasAttribute("tabindex")) {
      news.setAttribute("tabindex", "-1");
      news.addEventListener(
        "blur",
        function () {
          news.removeAttribute("tabindex");
        },
        { once: true }
      );
    }
    news.focus();
  }

  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", focusNews);
  } else {
    focusNews();
  }
})();
