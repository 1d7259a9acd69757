/** Words of the frame: [English, Chinese]. */

export const SHELL = /** @type {const} */ ({
  "dates.today": ["Today", "今天"],
  "dates.yesterday": ["Yesterday", "昨天"],
});
