// On the first page: the way to the library, where this service has one.

import { ask } from "../api.js";
import { t } from "../words.js";
import "./words.js";

try {
  await ask("GET", "/music");
  const link = document.createElement("a");
  link.href = "library/index.html";
  link.dataset.t = "Music library";
  link.textContent = t("Music library");
  document.getElementById("language").before(link);
} catch { /* it has none */ }
