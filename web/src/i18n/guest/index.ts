// The words of the page for guests, in both languages.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'guest', vi);
i18next.addResourceBundle('en', 'guest', en);
