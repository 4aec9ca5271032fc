// The words of the calendar of what falls due.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'agenda', vi);
i18next.addResourceBundle('en', 'agenda', en);
