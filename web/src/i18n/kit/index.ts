// The words of the parts every page is made of, in both languages.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'kit', vi);
i18next.addResourceBundle('en', 'kit', en);
