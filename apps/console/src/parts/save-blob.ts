const KEPT_FOR_MS = 60_000;

/** Has the browser save bytes under a name. It is never opened here, whatever it is. */
export function saveBlob(bytes: Blob, name: string): void {
  const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_FOR_MS);
}
