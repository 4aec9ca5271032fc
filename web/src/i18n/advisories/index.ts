// The words of advisories, vulnerabilities and declared software.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'advisories', vi);
i18next.addResourceBundle('en', 'advisories', en);
