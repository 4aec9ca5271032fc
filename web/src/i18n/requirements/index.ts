// The words about requirements that are not met, in both languages.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'requirements', vi);
i18next.addResourceBundle('en', 'requirements', en);
