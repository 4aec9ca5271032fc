// The words of the page of units, in both languages.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'units', vi);
i18next.addResourceBundle('en', 'units', en);
