// The words of findings, imported reports and the report card.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'vulnerabilities', vi);
i18next.addResourceBundle('en', 'vulnerabilities', en);
