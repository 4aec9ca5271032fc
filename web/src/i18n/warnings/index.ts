// The words of early warnings, in both languages; they come with their pages.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'warnings', vi);
i18next.addResourceBundle('en', 'warnings', en);
