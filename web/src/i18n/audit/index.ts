// The words of the page of the audit trail, in both languages.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'audit', vi);
i18next.addResourceBundle('en', 'audit', en);
