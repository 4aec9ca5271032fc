import { useTranslation } from 'react-i18next';

import { yamlTokens } from '../../lib/yaml';
import { Copy } from '../../ui/Copy';
import css from './rules.module.css';

/** A rule's YAML in colour. */
export function Source({ text }: { text: string }) {
  const { t } = useTranslation();
  return (
    <div style={{ position: 'relative' }}>
      <div style={{ position: 'absolute', right: 6, top: 6 }}>
        <Copy value={text} />
      </div>
      <pre className={`la-mono ${css.code ?? ''}`} tabIndex={0} aria-label={t('rules.source')}>
        {text.split('\n').map((line, i) => (
          <div key={i}>
            {yamlTokens(line).map((x, n) => (
              <span key={n} data-kind={x.kind}>
                {x.text}
              </span>
            ))}
            {line === '' && ' '}
          </div>
        ))}
      </pre>
    </div>
  );
}
