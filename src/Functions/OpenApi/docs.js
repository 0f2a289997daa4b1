// Gives the API reference the caller's key, which came in the address or is asked for. It stays in this page's memory only.

const address = new URL(location.href);
let key = address.searchParams.get('code') ?? '';
if (address.searchParams.has('code')) {
  address.searchParams.delete('code');
  history.replaceState(null, '', address);
}

/** Asks as the page would, with the key where none was filled in by hand, and only where the page came from. */
function customFetch(input, init) {
  const request = new Request(input, init);
  if (key !== '' && new URL(request.url).origin === location.origin && !request.headers.has('x-functions-key'))
    request.headers.set('x-functions-key', key);
  return fetch(request);
}

function askForKey() {
  const form = document.createElement('form');
  const label = document.createElement('label');
  const input = document.createElement('input');
  const button = document.createElement('button');
  input.type = 'password';
  input.required = true;
  input.autocomplete = 'off';
  label.append('This service asks for a key (x-functions-key): ', input);
  button.append('Open');
  form.append(label, ' ', button);
  document.body.prepend(form);
  input.focus();
  return new Promise(resolve => form.addEventListener('submit', event => {
    event.preventDefault();
    form.remove();
    resolve(input.value);
  }));
}

const description = new URL('../openapi.json', import.meta.url);
while ((await customFetch(description)).status === 401) key = await askForKey();

export default { customFetch };
