// The words of the register of information systems.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'systems', vi);
i18next.addResourceBundle('en', 'systems', en);
