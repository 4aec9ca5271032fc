// The words of the pages of incidents, in both languages.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'incidents', vi);
i18next.addResourceBundle('en', 'incidents', en);
