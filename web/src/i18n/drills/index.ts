// The words of exercises.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'drills', vi);
i18next.addResourceBundle('en', 'drills', en);
