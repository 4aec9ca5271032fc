// The words of the dashboards, in both languages; they come with the page.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'boards', vi);
i18next.addResourceBundle('en', 'boards', en);
