// The words about level dossiers and Form 08, in both languages.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'dossiers', vi);
i18next.addResourceBundle('en', 'dossiers', en);
