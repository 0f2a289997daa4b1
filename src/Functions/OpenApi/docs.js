// Provides the API reference with the caller's key, from the address or from a form. The key is kept in the memory of this page only.

const address = new URL(location.href);
let key = address.searchParams.get('code') ?? '';
if (address.searchParams.has('code')) {
  address.searchParams.delete('code');
  history.replaceState(null, '', address);
}

/** Sends a request of the page. Adds the key if none was entered by hand, and only for requests to the origin of the page. */
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
  label.append('This service requires a key (x-functions-key): ', input);
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
