// The words of the page of notifications and of the bell, in both languages.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'notifications', vi);
i18next.addResourceBundle('en', 'notifications', en);
