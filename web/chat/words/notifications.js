/** Words of web/chat/notifications, and of where they are switched on. */
export const NOTIFICATIONS = /** @type {const} */ ({
  "notifications.blocked": ["Your browser blocks them. Allow notifications for this site in its settings.", "浏览器已阻止通知，请在浏览器设置中允许本站发送通知。"],
  "notifications.files": ["{n, plural, one {Sent a file} other {Sent # files}}", "发送了 {n} 个文件"],
  "notifications.label": ["Desktop notifications", "桌面通知"],
  "notifications.off": ["Off", "关闭"],
  "notifications.on": ["On", "开启"],
  "notifications.title": ["{sender} in {chat}", "{sender}，来自{chat}"],
  "notifications.unsupported": ["This browser shows them only over HTTPS, or once the page is installed.", "仅在 HTTPS 下或安装为应用后，此浏览器才支持通知。"],
});
