// The words of one page, in both languages.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'attack', vi);
i18next.addResourceBundle('en', 'attack', en);
