// The words of trials of rules, in both languages. They come with the trial.
import i18next from 'i18next';

import en from './en.json';
import vi from './vi.json';

i18next.addResourceBundle('vi', 'trial', vi);
i18next.addResourceBundle('en', 'trial', en);
