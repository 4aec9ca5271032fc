// Runs before the first paint so that the page never flashes the wrong theme.
// It is a file of its own because the content security policy refuses inline scripts.
(function () {
  var scheme = 'auto';
  try {
    scheme = localStorage.getItem('lachan.scheme') || 'auto';
  } catch {
    // Storage may be switched off; the system's preference then decides.
  }
  if (scheme !== 'light' && scheme !== 'dark') {
    scheme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme);
})();
