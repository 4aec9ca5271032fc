// The words of accounts, tokens and the rules of signing in, in both languages.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'accounts', vi);
i18next.addResourceBundle('en', 'accounts', en);
