// The words of second factors and of one's own account, in both languages. They
// come with those pages, so that the first page does not wait for them.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'identity', vi);
i18next.addResourceBundle('en', 'identity', en);
