// The words of the page of sources, in both languages; they come with the page.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'sources', vi);
i18next.addResourceBundle('en', 'sources', en);
