// Bytes and the words for them.

export const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const ofHex = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));

export const base64Of = (bytes) => btoa(String.fromCharCode(...bytes));

export const ofBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
