// The words of connecting devices, in both languages; they come with the pages.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'connect', vi);
i18next.addResourceBundle('en', 'connect', en);
