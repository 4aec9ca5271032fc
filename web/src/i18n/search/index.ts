// The words of the search page, in both languages. They come with the page, so
// that the first page does not wait for them.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'search', vi);
i18next.addResourceBundle('en', 'search', en);
