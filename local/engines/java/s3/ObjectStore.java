import com.adobe.testing.s3mock.S3MockApplication;
import java.util.Map;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.Banner;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.embedded.tomcat.TomcatServletWebServerFactory;

/**
 * Adobe S3Mock on the loopback address only: {@code ObjectStore PORT DIR}. Its own main adds a plain HTTP connector
 * that listens on every address; here the main connector is the plain one, and the added one goes.
 */
final class ObjectStore {
  public static void main(String[] args) {
    new SpringApplicationBuilder(S3MockApplication.class)
        .properties(Map.of(
            "server.port", args[0],
            "server.address", "127.0.0.1",
            "com.adobe.testing.s3mock.store.root", args[1],
            "com.adobe.testing.s3mock.store.retainFilesOnExit", "true",
            "logging.level.root", "WARN"))
        .bannerMode(Banner.Mode.OFF)
        .initializers(context -> context.getBeanFactory().addBeanPostProcessor(new PlainConnectorOnly()))
        .run(args);
  }

  private static final class PlainConnectorOnly implements BeanPostProcessor {
    @Override
    public Object postProcessBeforeInitialization(Object bean, String name) {
      if (bean instanceof TomcatServletWebServerFactory factory) {
        factory.getAdditionalTomcatConnectors().clear();
      }
      return bean;
    }
  }
}
