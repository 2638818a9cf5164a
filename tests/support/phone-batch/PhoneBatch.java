package phone;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A phone that stays switched on: a start takes longer than a form. Each line of standard input is an order as JSON, each
 * line of standard output its result. An order fills in a form (see `Order` in phone-batch.ts), gets forms from a server,
 * or sends a submission.
 */
public final class PhoneBatch {
    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) out.println(Json.write(follow(Json.read(line))));
    }

    private static Map<String, Object> follow(JsonNode order) {
        try {
            if (order.has("get")) return new Getter(order.get("get").asText()).get(path(order, "folder"), text(order, "form_id"));
            if (order.has("send")) return new Sender(order.get("send").asText(), Settings.DEVICE).send(path(order, "submission"), files(order));
            return fill(order);
        } catch (Exception fault) {
            return Map.of("error", String.valueOf(fault.getMessage()));
        }
    }

    private static Map<String, Object> fill(JsonNode order) throws Exception {
        Map<String, String> options = order.has("username") ? Map.of("--username", text(order, "username")) : Map.of();
        OpenForm form = OpenForm.load(path(order, "form"), path(order, "media"), new Settings(options), null);
        if (order.has("sent")) form.reopen(path(order, "sent"));
        else form.begin();
        Map<String, Object> said = new LinkedHashMap<>();
        Walk walk = new Walk(form);
        if (order.has("auto")) {
            Invented invented = new Invented(form, order.get("auto").asLong(), 3);
            walk.through(invented);
            for (int round = 0; round < 3 && invented.repair(walk.violations()); round++) walk.through(invented);
            said.put("not_asked", List.of());
        } else {
            Given given = new Given(form, order.get("answers"));
            walk.through(given);
            said.put("not_asked", given.notAsked());
        }
        said.put("violations", walk.violations());
        said.put("labels", new Labels(form).shown());
        form.finish(null);
        said.put("submission", new String(form.serialise(), StandardCharsets.UTF_8));
        said.put("instance_id", form.instanceId());
        return said;
    }

    private static String text(JsonNode order, String member) {
        return order.has(member) ? order.get(member).asText() : null;
    }

    private static Path path(JsonNode order, String member) {
        return order.has(member) ? Path.of(order.get(member).asText()) : null;
    }

    private static List<Path> files(JsonNode order) {
        List<Path> files = new ArrayList<>();
        for (JsonNode file : order.get("files")) files.add(Path.of(file.asText()));
        return files;
    }
}
