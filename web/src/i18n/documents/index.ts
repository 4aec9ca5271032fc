// The words of official documents.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'documents', vi);
i18next.addResourceBundle('en', 'documents', en);
