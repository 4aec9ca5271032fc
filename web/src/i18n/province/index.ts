// The words of the overview of the province.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'province', vi);
i18next.addResourceBundle('en', 'province', en);
