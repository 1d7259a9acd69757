// What draws the codes of invite links. `make vendor` bundles it into web/vendor/uqr.js.
export { encode } from "uqr";
