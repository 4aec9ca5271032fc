// The words about what is asked of systems, layers and the go-live gate, in both languages.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'standing', vi);
i18next.addResourceBundle('en', 'standing', en);
