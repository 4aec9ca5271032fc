// The words of an alert's explanation, in both languages. They come with the
// explanation, so that the first page does not wait for them.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'why', vi);
i18next.addResourceBundle('en', 'why', en);
