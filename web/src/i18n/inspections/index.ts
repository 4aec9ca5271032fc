// The words of inspections and assessments.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'inspections', vi);
i18next.addResourceBundle('en', 'inspections', en);
