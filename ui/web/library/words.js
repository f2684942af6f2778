// What the library's pages say in Chinese: the English words are the keys.

import { add } from "../words.js";

add({
  "Music library": "音乐库",
});
