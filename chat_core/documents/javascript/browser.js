'use strict'
// What Yjs uses of a browser and the engine does not have. It has to be there before Yjs is.

var crypto = {
  getRandomValues (numbers) {
    for (let at = 0; at < numbers.length; at++) numbers[at] = Math.random() * 2 ** 32
    return numbers
  }
}

// As in a browser: half of a surrogate pair becomes U+FFFD.
var TextEncoder = class {
  encode (text) {
    const bytes = new Uint8Array(text.length * 3)
    return bytes.slice(0, this.encodeInto(text, bytes).written)
  }

  encodeInto (text, bytes) {
    let written = 0
    for (let at = 0; at < text.length; at++) {
      let code = text.charCodeAt(at)
      if (code < 0x80) {
        bytes[written++] = code
        continue
      }
      if (code >= 0xd800 && code < 0xe000) {
        const low = code < 0xdc00 ? text.charCodeAt(at + 1) : 0
        if (low >= 0xdc00 && low < 0xe000) {
          at++
          code = 0x10000 + ((code - 0xd800) << 10) + low - 0xdc00
        } else {
          code = 0xfffd
        }
      }
      if (code >= 0x10000) {
        bytes[written++] = 0xf0 | code >> 18
        bytes[written++] = 0x80 | code >> 12 & 0x3f
      } else if (code >= 0x800) {
        bytes[written++] = 0xe0 | code >> 12
      } else {
        bytes[written++] = 0xc0 | code >> 6
        bytes[written++] = 0x80 | code & 0x3f
        continue
      }
      bytes[written++] = 0x80 | code >> 6 & 0x3f
      bytes[written++] = 0x80 | code & 0x3f
    }
    return { read: text.length, written }
  }
}

// Fails where it is no UTF-8, as a browser's does with `fatal`.
var TextDecoder = class {
  decode (bytes) {
    let text = ''
    let ascii = 0
    for (let at = 0; at < bytes.length; at += 8192) {
      const part = bytes.subarray(at, at + 8192)
      for (let one = 0; one < part.length; one++) ascii |= part[one]
      text += String.fromCharCode.apply(null, part)
    }
    return ascii < 0x80 ? text : decodeURIComponent(escape(text))
  }
}
