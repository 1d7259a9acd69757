// What finds Chinese names by their pinyin. `make vendor` bundles it into web/vendor/pinyin.js.
export { default } from "pinyin-match";
