// The words of legal clocks and of what the law obliges to.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'obligations', vi);
i18next.addResourceBundle('en', 'obligations', en);
