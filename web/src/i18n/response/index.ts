// The words of the response team and of coordination.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'response', vi);
i18next.addResourceBundle('en', 'response', en);
