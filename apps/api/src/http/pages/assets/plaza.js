// Comfort for browsers that run scripts; every page is complete without it.
'use strict';

/** A button beside each text that is there to be copied. */
function addCopyButton(source) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'button copy';
  button.textContent = 'Copy link';
  const status = document.createElement('span');
  status.className = 'hidden';
  status.setAttribute('role', 'status');
  button.addEventListener('click', async () => {
    const copied = await copy(source);
    button.textContent = copied ? 'Copied' : 'Press Ctrl+C to copy';
    status.textContent = copied ? 'The link was copied' : 'The link is selected';
    setTimeout(() => {
      button.textContent = 'Copy link';
      status.textContent = '';
    }, 3000);
  });
  source.parentElement.after(button, status);
}

/** Without the clipboard (plain http), the text is selected instead. */
async function copy(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(source);
    return false;
  }
}

/** Times are written in UTC; here they become the reader's own. */
function localTime(element) {
  const time = new Date(element.dateTime);
  if (!Number.isNaN(time.getTime()))
    element.textContent = time.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
}

document.querySelectorAll('[data-copy]').forEach(addCopyButton);
document.querySelectorAll('time[datetime]').forEach(localTime);
