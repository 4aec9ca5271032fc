// The words of the administration pages, in both languages. They come with those
// pages, so that the first page does not wait for them.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'admin', vi);
i18next.addResourceBundle('en', 'admin', en);
