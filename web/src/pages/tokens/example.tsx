import { Tabs, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { Token } from '../../api/types';
import { Code } from '../../ui/Copy';
import { serverHost, serverOrigin, snippets } from '../../ui/snippets';

/** Where the secret goes while it is not shown. */
export const variable = '$LACHAN_TOKEN';

/** Lines to paste that use the token; a script's secret belongs into a variable. */
export function Example({ scope, secret = variable }: { scope: Token['scope']; secret?: string }) {
  const { t } = useTranslation('accounts');
  const quote = secret === variable ? '"' : "'";
  if (scope === 'api') {
    return (
      <>
        <Code text={`curl -H ${quote}Authorization: Bearer ${secret}${quote} \\\n  '${serverOrigin()}/api/v1/alerts?limit=10'`} wrap label={t('token.example')} />
        <Text size="xs" className="la-dim" mt={6}>
          {t('token.exampleText')}
        </Text>
      </>
    );
  }
  return (
    <Tabs defaultValue="curl" keepMounted={false}>
      <Tabs.List mb="xs">
        <Tabs.Tab value="curl">{t('token.snippet.json')}</Tabs.Tab>
        <Tabs.Tab value="lines">{t('token.snippet.lines')}</Tabs.Tab>
        <Tabs.Tab value="rsyslog">{t('token.snippet.rsyslog')}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="curl">
        <Code text={snippets.curl(serverOrigin(), secret)} wrap label={t('token.example')} />
      </Tabs.Panel>
      <Tabs.Panel value="lines">
        <Code text={snippets.lines(serverOrigin(), secret)} wrap label={t('token.example')} />
      </Tabs.Panel>
      <Tabs.Panel value="rsyslog">
        <Code text={snippets.rsyslog(serverHost())} wrap label={t('token.example')} />
        <Text size="xs" className="la-dim" mt={6}>
          {t('token.snippet.rsyslogText')}
        </Text>
      </Tabs.Panel>
    </Tabs>
  );
}
